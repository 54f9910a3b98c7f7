// Package client is a typed client of the API, generated from its OpenAPI
// document. The types of requests and answers are in package spec.
//
//	c, err := client.Connect("http://localhost:8080", key)
//	…
//	answer, err := c.SpendValueWithResponse(ctx,
//		&spec.SpendValueParams{IdempotencyKey: "till-1-000123"},
//		spec.SpendValueJSONRequestBody{Card: "8801", Amount: "128.00"})
//	switch {
//	case err != nil: // not answered: send it again with the same key
//	case answer.JSON201 != nil: // booked
//	default: // answer.ApplicationProblemJSONDefault says what was wrong
//	}
package client
