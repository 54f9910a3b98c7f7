package statement

// LoadInPieces is Load with so many transactions read at once.
var LoadInPieces = load

// HeadingLabel is what a heading is called.
var HeadingLabel = headingLabel
