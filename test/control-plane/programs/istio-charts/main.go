// Command istio-charts writes the official Helm charts that are embedded in Istio's own module to a directory.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"istio.io/istio/manifests"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: istio-charts DIRECTORY")
		os.Exit(2)
	}
	if err := write(manifests.BuiltinOrDir(""), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(charts fs.FS, directory string) error {
	return fs.WalkDir(charts, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(directory, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := fs.ReadFile(charts, path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}
