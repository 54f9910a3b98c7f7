package access

// Role is what a principal is in a circle.
type Role string

// The roles.
const (
	Organiser Role = "organiser" // manages the circle and may act at any merchant
	Owner     Role = "owner"     // of a merchant
	Cashier   Role = "cashier"   // of a merchant
	Leaver    Role = "leaver"    // of a merchant that has left: reads what is still settled with it
	Member    Role = "member"    // of the circle: what is the member's own
	Operator  Role = "operator"  // to come: may do nothing yet
	Nobody    Role = "nobody"    // who has shown neither a key nor a session
)

// Roles lists all roles.
func Roles() []Role { return []Role{Organiser, Owner, Cashier, Leaver, Member, Operator, Nobody} }

// Principal is who acts. The zero principal may do nothing.
type Principal struct {
	Role     Role
	Merchant string // of an owner, a cashier or a leaver
	Member   string // the code of a member
	Staff    string // the ID of the person in whose session it is; a key is no person's
}

// Credential is what a request proved about who sent it.
type Credential struct {
	ID         string // for the log
	AllianceID int64
	Principal  Principal
	Caller     string // the name under which its idempotency keys are kept
}

// owns reports whether something that belongs to a merchant is the principal's.
// What belongs to no merchant is nobody's.
func (p Principal) owns(merchant string) bool { return merchant != "" && merchant == p.Merchant }
