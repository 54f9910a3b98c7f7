// Package merchant is about the shops of a circle: their admission, and the API
// keys of their tills and of the organiser.
package merchant
