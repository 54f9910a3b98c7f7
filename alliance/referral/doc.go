// Package referral keeps the links by which members bring others: who made them, how often
// they were opened, and who joined by them.
//
// # A link
//
// A member who has a card, a free one too, may have several links. A link is a code of ten
// characters, 50 random bits, which can be read out and typed. It says nothing about the
// member. Its page is open to everybody, so the code is all that somebody needs to know to
// see it; guessing one is made slow by the server, and hopeless by its length. A revoked link
// is answered like one that never was.
//
// # A joining
//
// Who has bought nothing yet may join by a link, once. The joining moves no money and is no
// part of the books. The first purchase is: the rule book asks for the joining and binds the
// referrer, for good ([alliance.State.Joinings]). The sale's record names the link, so the log
// alone explains each commission, and a retry of the sale gets the same answer whatever has
// become of the link since.
//
// # What came of it
//
// Opened and joined are counted here. What was bought and earned is derived from members and
// their commissions whenever somebody asks, so there is no second figure that could differ.
package referral
