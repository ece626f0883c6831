package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// calls are the requests that the application makes to others before it answers one.
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

// failure says which of the requests failed and how; nothing where none did.
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
