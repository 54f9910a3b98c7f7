package api

import (
	"maps"
	"slices"
)

// ProblemCodes returns the codes of all problems, refusals first.
func ProblemCodes() (refusals, requests []string) {
	for _, k := range slices.Concat(refusalKinds, deskKinds) {
		refusals = append(refusals, k.Code)
	}
	for _, k := range requestKinds {
		requests = append(requests, k.Code)
	}
	return refusals, requests
}

// ProblemTexts returns all that is written of each problem.
func ProblemTexts() map[string][]string {
	texts := make(map[string][]string)
	for code, k := range kinds {
		texts[code] = []string{k.Title.EN, k.Title.ZH, k.Meaning.EN, k.Meaning.ZH}
	}
	return texts
}

// CodeOf returns the code and the status that an error is answered with.
func CodeOf(err error) (code string, status int) {
	p := asProblem(err)
	return p.code, kindOf(p.code).Status
}

// CommandKinds returns what a command of a batch may be.
func CommandKinds() []string {
	return slices.Collect(maps.Keys(commandReaders(nil)))
}

// MaxJournals is how many journals are sent at once.
const MaxJournals = maxJournals
