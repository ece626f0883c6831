package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Requests at a constant rate, whatever the answers, until they are stopped.
type loadOrder struct {
	URL       string `json:"url"`
	Method    string `json:"method"`
	PerSecond int    `json:"perSecond"`
	// Whether connections are used again.
	KeepAlive bool `json:"keepAlive"`
}

type loadReport struct {
	Total  int `json:"total"`
	Failed int `json:"failed"`
	// How often each way of failing was seen.
	Failures map[string]int `json:"failures"`
}

type load struct {
	mutex   sync.Mutex
	current loadReport
	running sync.WaitGroup
	cancel  context.CancelFunc
}

func (l *load) start(given loadOrder) {
	l.stop()
	ctx, cancel := context.WithCancel(context.Background())
	l.mutex.Lock()
	l.current, l.cancel = loadReport{Failures: map[string]int{}}, cancel
	l.mutex.Unlock()
	client := newClient(given.KeepAlive)
	l.running.Go(func() {
		ticks := time.NewTicker(time.Second / time.Duration(max(given.PerSecond, 1)))
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				l.running.Go(func() {
					l.count(sendOne(context.Background(), client, order{URL: given.URL, Method: given.Method}))
				})
			}
		}
	})
}

func (l *load) count(one result) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.current.Total++
	if one.Error != "" {
		l.current.Failed++
		parts := strings.Split(one.Error, ": ")
		l.current.Failures[parts[len(parts)-1]]++
	} else if one.Status >= 400 {
		l.current.Failed++
		l.current.Failures[fmt.Sprintf("%d %s", one.Status, strings.TrimSpace(one.Body))]++
	}
}

func (l *load) report() loadReport {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	copied := l.current
	copied.Failures = map[string]int{}
	for kind, times := range l.current.Failures {
		copied.Failures[kind] = times
	}
	return copied
}

// stop lets requests that are on their way end, and counts them.
func (l *load) stop() loadReport {
	l.mutex.Lock()
	cancel := l.cancel
	l.mutex.Unlock()
	if cancel != nil {
		cancel()
		l.running.Wait()
	}
	return l.report()
}
