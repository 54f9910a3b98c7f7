package money

import "strings"

// The currencies of ISO 4217 with their minor units: List One as its maintenance agency (SIX) published it on 25 June 2024,
// and XCG, which was added since. Currencies that were withdrawn since (ANG, BGN, CUC) stay, because books may be kept in
// them. Codes without a minor unit (gold, special drawing rights, tests) are no currencies here.
//
// The data of Unicode CLDR says otherwise of some, because it tells how prices are usually written (ALL, IQD and RSD
// without decimals); banks go by ISO.
const (
	noDecimals  = `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF`
	twoDecimals = `
		AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
		CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
		ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
		MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
		SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`
	threeDecimals = `BHD IQD JOD KWD LYD OMR TND`
	fourDecimals  = `CLF UYW`
)

// minorUnits is how many decimals each currency has. It is never written to.
var minorUnits = func() map[string]uint8 {
	units := make(map[string]uint8)
	for digits, codes := range map[uint8]string{0: noDecimals, 2: twoDecimals, 3: threeDecimals, 4: fourDecimals} {
		for _, code := range strings.Fields(codes) {
			units[code] = digits
		}
	}
	return units
}()
