package access

// Reach is how far a permission goes.
type Reach string

// How far permissions go.
const (
	None         Reach = ""
	Everything   Reach = "all"             // the whole circle
	OwnMerchant  Reach = "own"             // what the principal's merchant does or owns; it need not be named
	OwnCards     Reach = "cards it sold"   // the principal's merchant sold the card
	OwnDeeds     Reach = "what it did"     // the principal's merchant acted in the transaction
	OwnReference Reach = "what it is paid" // a payment to the principal's merchant, by its reference
	CoolingOff   Reach = "cards it sold, in their cooling-off time"
	NamedCards   Reach = "cards it can name"   // any card: whoever has the code was shown the card
	Self         Reach = "itself"              // what is the member's own
	HeldCards    Reach = "cards it holds"      // the member holds the card
	KnownMembers Reach = "members it may know" // the principal's merchant registered the member, sold it a card, or the member lets it
	Personal     Reach = "its own"             // sessions, passkeys and security events of the person whose session it is
	Anyone       Reach = "anyone"              // no key and no session is asked for
)

// Permission says how far each role may go with an operation. Roles that are not
// listed may not call it.
type Permission struct {
	Operation string // the operationId in the OpenAPI document
	Reach     map[Role]Reach
}

// The usual rows of the table.
func organiserOnly() map[Role]Reach { return map[Role]Reach{Organiser: Everything} }
func withOwner(owner Reach) map[Role]Reach {
	return map[Role]Reach{Organiser: Everything, Owner: owner}
}
func ownerOnly(reach Reach) map[Role]Reach { return map[Role]Reach{Owner: reach} }
func withStaff(reach Reach) map[Role]Reach {
	return map[Role]Reach{Organiser: Everything, Owner: reach, Cashier: reach}
}

func withMember(others map[Role]Reach) map[Role]Reach {
	others[Member] = Self
	return others
}

func readByOwner(reach Reach) map[Role]Reach {
	return map[Role]Reach{Organiser: Everything, Owner: reach, Leaver: reach}
}
func readByStaff(reach Reach) map[Role]Reach {
	return map[Role]Reach{Organiser: Everything, Owner: reach, Cashier: reach, Leaver: reach}
}

func memberOnly() map[Role]Reach { return map[Role]Reach{Member: Self} }
func inSession(roles ...Role) map[Role]Reach {
	reach := make(map[Role]Reach)
	for _, role := range roles {
		reach[role] = Personal
	}
	return reach
}
func public() map[Role]Reach {
	reach := make(map[Role]Reach)
	for _, role := range []Role{Organiser, Owner, Cashier, Leaver, Member, Nobody} {
		reach[role] = Anyone
	}
	return reach
}

// Permissions returns the table of permissions.
func Permissions() []Permission {
	return []Permission{
		// At the till.
		{"sellCard", withStaff(OwnMerchant)},
		{"topUpCard", withStaff(OwnMerchant)},
		{"spendValue", withStaff(OwnMerchant)},
		{"usePass", withStaff(OwnMerchant)},
		{"useCoupon", withStaff(OwnMerchant)},
		{"recordPurchase", withStaff(OwnMerchant)},
		{"spendPoints", withStaff(OwnMerchant)},
		{"reverseTransaction", withStaff(OwnDeeds)},
		{"freezeCard", withStaff(OwnCards)},
		{"unfreezeCard", withStaff(OwnCards)},
		{"placeHold", withStaff(OwnMerchant)},
		{"captureHold", withStaff(OwnDeeds)},
		{"voidHold", withStaff(OwnDeeds)},
		{"replaceCard", withOwner(OwnCards)},
		{"giveCard", withOwner(OwnCards)},
		{"grantGift", organiserOnly()},
		{"redeemItem", withStaff(OwnMerchant)},
		{"refundCard", withOwner(CoolingOff)},
		{"bookBatch", withStaff(OwnMerchant)}, // each of its commands is checked as the single operation

		// Cards and transactions.
		{"listCards", withStaff(OwnMerchant)},
		{"getCard", withStaff(NamedCards)},
		{"listGifts", withStaff(NamedCards)},
		{"quoteRefund", withStaff(NamedCards)},
		{"listHolds", withStaff(OwnMerchant)},
		{"listTransactions", readByStaff(OwnMerchant)},
		{"getTransaction", readByStaff(OwnMerchant)},

		// Clearing.
		{"getCircle", readByStaff(Everything)},
		{"getPositions", readByOwner(OwnMerchant)},
		{"listWindows", readByOwner(Everything)},
		{"listSettlements", readByOwner(Everything)},
		{"getSettlement", readByOwner(OwnMerchant)},
		{"getTrialBalance", organiserOnly()},
		{"getJournal", readByOwner(OwnMerchant)},

		// Settlement.
		{"approveSettlement", organiserOnly()},
		{"listObligations", readByOwner(OwnMerchant)},
		{"getStatement", readByOwner(OwnMerchant)},
		{"verifySettlement", organiserOnly()},
		{"remitTax", organiserOnly()},
		{"listDisputes", readByOwner(OwnMerchant)},
		{"openDispute", withOwner(OwnMerchant)},
		{"adjustDispute", organiserOnly()},
		{"refuseDispute", organiserOnly()},
		{"withdrawDispute", withOwner(OwnMerchant)},
		{"adjustPositions", organiserOnly()},
		{"lodgeDeposit", organiserOnly()},
		{"drawDeposit", organiserOnly()},
		{"returnDeposit", organiserOnly()},
		{"listCover", readByOwner(OwnMerchant)},
		{"receivePayment", withOwner(OwnReference)},
		{"listPaymentRuns", organiserOnly()},
		{"makePaymentRun", organiserOnly()},
		{"getPaymentRun", organiserOnly()},
		{"getPaymentFile", organiserOnly()},
		{"confirmPayout", organiserOnly()},
		{"returnPayout", organiserOnly()},
		{"returnPayment", organiserOnly()},
		{"importBankStatement", organiserOnly()},
		{"listBankLines", organiserOnly()},
		{"matchBankLine", organiserOnly()},
		{"linkBankLine", organiserOnly()},
		{"suspendBankLine", organiserOnly()},
		{"giveBackBankLine", organiserOnly()},
		{"tickOffBankLine", organiserOnly()},
		{"getBankReconciliation", organiserOnly()},
		{"getBankAccount", readByOwner(OwnMerchant)},
		{"setBankAccount", withOwner(OwnMerchant)},
		{"deleteBankAccount", organiserOnly()},
		{"getLegalEntity", readByOwner(OwnMerchant)},
		{"setLegalEntity", withOwner(OwnMerchant)},
		{"deleteLegalEntity", organiserOnly()},
		{"giveNotice", withOwner(OwnMerchant)},
		{"reinstateShop", organiserOnly()},
		{"listEvents", readByOwner(OwnMerchant)},

		// Commission.
		{"listSettlementCommissions", organiserOnly()},
		{"listCommissions", organiserOnly()},
		{"getMember", organiserOnly()},
		{"getPayoutSlip", organiserOnly()},
		{"getTaxReport", organiserOnly()},

		// Codes.
		{"issueCardCode", map[Role]Reach{Organiser: Everything, Member: HeldCards}},
		{"setCardPIN", map[Role]Reach{Organiser: Everything, Member: HeldCards}},
		{"deleteCardPIN", map[Role]Reach{Organiser: Everything, Member: HeldCards}},
		{"lookUpCode", withStaff(NamedCards)},
		{"getPresentation", withStaff(Everything)},
		{"setPresentation", organiserOnly()},
		{"makeCardNumbers", organiserOnly()},
		// Links.
		{"listLinks", withMember(organiserOnly())},
		{"createLink", withMember(organiserOnly())},
		{"getLink", withMember(organiserOnly())},
		{"revokeLink", withMember(organiserOnly())},
		{"joinByLink", withMember(withStaff(Everything))}, // a till joins whoever shows a link

		// Setup.
		{"getTerms", readByStaff(Everything)},
		{"setTerms", organiserOnly()},
		{"listShops", organiserOnly()},
		{"admitShop", organiserOnly()},
		{"getShop", organiserOnly()},
		{"amendShop", organiserOnly()},
		{"listProducts", withStaff(Everything)},
		{"addProduct", organiserOnly()},
		{"getProduct", withStaff(Everything)},
		{"retireProduct", organiserOnly()},
		{"listCampaigns", readByOwner(OwnMerchant)},
		{"addCampaign", withOwner(OwnMerchant)},
		{"getCampaign", readByOwner(OwnMerchant)},
		{"amendCampaign", withOwner(OwnMerchant)},
		{"agreeToCampaign", ownerOnly(OwnMerchant)}, // nobody else spends a shop's money
		{"pauseCampaign", withOwner(OwnMerchant)},
		{"resumeCampaign", withOwner(OwnMerchant)},
		{"closeCampaign", withOwner(OwnMerchant)},
		{"listItems", withStaff(Everything)},
		{"addItem", organiserOnly()},
		{"getItem", withStaff(Everything)},
		{"restockItem", organiserOnly()},
		{"retireItem", organiserOnly()},
		{"listKeys", organiserOnly()},
		{"createKey", organiserOnly()},
		{"rotateKey", organiserOnly()},
		{"revokeKey", organiserOnly()},
		{"getTestClock", organiserOnly()},
		{"advanceTestClock", organiserOnly()},

		// People.
		{"createMember", withStaff(OwnMerchant)},
		{"findMember", withStaff(Everything)}, // by a telephone that it was told; it learns the code alone
		{"getPerson", withMember(withStaff(KnownMembers))},
		{"amendPerson", withMember(organiserOnly())}, // who changes a telephone can sign in with it
		{"erasePerson", withMember(organiserOnly())},
		{"exportPerson", withMember(organiserOnly())},
		{"listConsents", withMember(withStaff(KnownMembers))},
		{"decideConsent", withMember(withStaff(KnownMembers))},
		{"listPersonReads", withMember(organiserOnly())},
		{"listKnowers", withMember(organiserOnly())},
		{"getPayoutAccount", memberOnly()},
		{"setPayoutAccount", memberOnly()},
		{"deletePayoutAccount", memberOnly()},
		{"listConsentTexts", map[Role]Reach{Organiser: Everything, Owner: Everything, Cashier: Everything, Member: Self}},
		{"setConsentText", organiserOnly()},

		// Sign-in.
		{"openSession", public()},
		{"getSession", inSession(Organiser, Owner, Cashier, Leaver, Member)},
		{"signOut", inSession(Organiser, Owner, Cashier, Leaver, Member)},
		{"listSessions", inSession(Organiser, Owner, Cashier, Leaver, Member)},
		{"endSession", inSession(Organiser, Owner, Cashier, Leaver, Member)},
		{"listSecurityEvents", inSession(Organiser, Owner, Cashier, Leaver, Member)},
		{"requestCode", public()},
		{"pairTill", public()},
		{"getTill", public()}, // the device shows its own cookie
		{"makeLink", withStaff(OwnMerchant)},
		{"listMessages", organiserOnly()},
		{"endMemberSessions", organiserOnly()},
		{"listStaff", withOwner(OwnMerchant)},
		{"addStaff", withOwner(OwnMerchant)},
		{"removeStaff", withOwner(OwnMerchant)},
		{"setPIN", withOwner(OwnMerchant)},
		{"endStaffSessions", withOwner(OwnMerchant)},
		{"listTills", withOwner(OwnMerchant)},
		{"offerTill", withOwner(OwnMerchant)},
		{"revokeTill", withOwner(OwnMerchant)},
		{"beginPasskeySignIn", public()},
		{"finishPasskeySignIn", public()},
		{"listPasskeys", inSession(Organiser, Owner)},
		{"beginPasskey", inSession(Organiser, Owner)},
		{"addPasskey", inSession(Organiser, Owner)},
		{"removePasskey", inSession(Organiser, Owner)},
	}
}
