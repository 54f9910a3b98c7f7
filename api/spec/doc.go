// Package spec has the types of the API's requests and answers, generated from
// openapi.yaml. The server and the client share them.
package spec
