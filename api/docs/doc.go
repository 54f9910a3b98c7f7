// Package docs serves the API's reference: the OpenAPI document and the pages that
// are made from it.
package docs
