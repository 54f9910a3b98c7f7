package spec

import "fmt"

// Error returns the code and the detail of a problem.
func (p *Problem) Error() string {
	if p.Detail == nil {
		return p.Code
	}
	return fmt.Sprintf("%s: %s", p.Code, *p.Detail)
}
