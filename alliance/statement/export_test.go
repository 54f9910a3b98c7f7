package statement

// LoadInPieces is Load with so many transactions read at once.
var LoadInPieces = load
