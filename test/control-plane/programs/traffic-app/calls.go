package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// calls are the requests that the application sends to other applications before it answers a request.
type calls struct {
	urls   []string
	client *http.Client
}

func newCalls(urls string) *calls {
	found := &calls{client: newClient(true)}
	if urls != "" {
		found.urls = strings.Split(urls, ",")
	}
	return found
}

// failure says which request failed first and how; it is empty if none failed.
func (c *calls) failure(ctx context.Context) string {
	for _, url := range c.urls {
		one := sendOne(ctx, c.client, order{URL: url})
		if one.Error != "" {
			return fmt.Sprintf("%s: %s", url, one.Error)
		}
		if one.Status >= http.StatusBadRequest {
			return fmt.Sprintf("%s: %d %s", url, one.Status, strings.TrimSpace(one.Body))
		}
	}
	return ""
}
