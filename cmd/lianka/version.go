package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the release that the code belongs to.
const version = "0.1.0"

// versionCommand prints which lianka this is.
type versionCommand struct{}

// Run prints the version, the revision it was built from, and the Go version.
func (versionCommand) Run(env *environment) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = " (" + s.Value[:12] + ")"
			}
		}
	}
	_, err := fmt.Fprintf(env.out, "lianka %s%s %s %s/%s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
