// Package routes has the routes of the API and the interface that answers them,
// generated from openapi.yaml.
package routes
