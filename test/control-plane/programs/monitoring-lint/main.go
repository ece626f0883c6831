// monitoring-lint reads the monitoring of a restarter, and prints a line for each problem that the code of others
// finds: Prometheus' linter in metrics, its parser in queries (one a line), and Grafana's schema in a dashboard.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	lint, known := map[string]func(io.Reader) error{
		"metrics": metrics, "queries": queries, "dashboard": grafana,
	}[os.Args[1]]
	if !known {
		fmt.Fprintln(os.Stderr, "usage: monitoring-lint metrics|queries|dashboard")
		os.Exit(2)
	}
	if err := lint(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func metrics(text io.Reader) error {
	problems, err := promlint.New(text).Lint()
	for _, problem := range problems {
		fmt.Printf("%s: %s\n", problem.Metric, problem.Text)
	}
	return err
}

func queries(text io.Reader) error {
	promql := parser.NewParser(parser.Options{})
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		if _, err := promql.ParseExpr(lines.Text()); err != nil {
			fmt.Printf("%s: %s\n", lines.Text(), err)
		}
	}
	return lines.Err()
}

func grafana(text io.Reader) error {
	bytes, err := io.ReadAll(text)
	if err != nil {
		return err
	}
	var read dashboard.Dashboard
	if err := read.UnmarshalJSONStrict(bytes); err != nil {
		fmt.Println(err)
	} else if err := read.Validate(); err != nil {
		fmt.Println(err)
	}
	return nil
}
