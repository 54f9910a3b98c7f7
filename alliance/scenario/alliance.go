package scenario

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
)

// maxAlliance is the largest circle.yaml, in bytes: some ten thousand merchants.
const maxAlliance = 4 << 20

// Alliance is the content of circle.yaml: the documents as written, and the setup that
// they describe.
type Alliance struct {
	Code      string
	Name      string
	Currency  money.Currency
	Location  *time.Location
	Terms     alliance.TermsDocument
	Merchants []alliance.MerchantDocument
	Products  []alliance.ProductDocument
	Campaigns []alliance.CampaignDocument // nil: the file has no such section
	Mall      []alliance.ItemDocument     // nil: the file has no such section
	Setup     *alliance.Setup             // of version 1 of the terms; shops and products by code
}

// ReadAlliance reads the file at a path. The error is a [*FileError]; its cause is
// set if the file can't be read.
func ReadAlliance(path string) (Alliance, error) {
	file, err := os.Open(path)
	if err != nil {
		return Alliance{}, unread(path, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxAlliance+1))
	if err != nil {
		return Alliance{}, unread(path, err)
	}
	return ParseAlliance(path, data)
}

// unread is the error of a file that can't be opened or read. The reason omits the path,
// because the error names the file anyway.
func unread(path string, err error) error {
	reason := err
	var failed *os.PathError
	if errors.As(err, &failed) {
		reason = failed.Err
	}
	return &FileError{File: path, Reason: fmt.Sprintf("can't be read: %v", reason), Cause: err}
}

// ParseAlliance reads the content of a file; name is what errors call it. The error
// is a [*FileError], the first that is found: keys and types before values.
func ParseAlliance(name string, data []byte) (Alliance, error) {
	d, root := parseDocument(name, data)
	var c Alliance
	file := d.mapping(root, "", "alliance", "rules", "merchants", "products", "campaigns?", "mall?")
	d.head(file, &c)
	c.Terms = d.terms(file.values["rules"])
	c.Merchants = d.merchants(file)
	c.Products = d.products(file)
	c.Campaigns = d.campaigns(file)
	c.Mall = d.mall(file)
	if d.err == nil {
		c.Setup = d.setup(&c)
	}
	if d.err != nil {
		return Alliance{}, d.err
	}
	return c, nil
}

// head reads the identity of the circle.
func (d *document) head(file mapping, c *Alliance) {
	m := d.mapping(file.values["alliance"], "alliance", "code", "name", "currency", "timezone")
	if d.err != nil {
		return
	}
	var err error
	c.Name = m.prose("name")
	if c.Code, err = identifier.Read(m.text("code")); err != nil {
		d.fail("alliance.code", "%v", err)
	}
	if c.Code == "" {
		d.fail("alliance.code", "is empty; a circle has a code")
	}
	if c.Name == "" {
		d.fail("alliance.name", "is empty; a circle has a name")
	}
	currency, timezone := m.text("currency"), m.text("timezone")
	if c.Currency, err = money.ParseCurrency(currency); err != nil {
		d.fail("alliance.currency", "%v", err)
	}
	// Go takes "" for UTC and "Local" for the zone of the machine, as systems do
	// with "localtime"; months must not end by the machine that reads the file.
	switch timezone {
	case "", "Local", "localtime":
		d.fail("alliance.timezone", "%q is no time zone of its own; write one such as Asia/Shanghai", timezone)
		return
	}
	if c.Location, err = time.LoadLocation(timezone); err != nil {
		d.fail("alliance.timezone", "%q is not a known time zone; write one such as Asia/Shanghai", clip(timezone))
	}
}

// setup makes a setup from the documents.
func (d *document) setup(c *Alliance) *alliance.Setup {
	setup := &alliance.Setup{
		Currency:  c.Currency,
		Location:  c.Location,
		Merchants: make(map[string]*merchant.Merchant, len(c.Merchants)),
		Products:  make(map[string]*alliance.Product, len(c.Products)),
	}
	terms, err := c.Terms.Terms(c.Currency)
	d.adopt(err)
	terms.Version = 1
	setup.Terms = []alliance.Terms{terms}
	for i := range c.Merchants {
		path := item("merchants", i)
		m, err := c.Merchants[i].Merchant(path, c.Currency)
		d.adopt(err)
		if setup.Merchants[m.Code] != nil {
			d.fail(path+".code", "%q is used twice; no two merchants have the same code", clip(m.Code))
		}
		setup.Merchants[m.Code] = &m
	}
	for i := range c.Products {
		path := item("products", i)
		product, err := c.Products[i].Product(path, c.Currency, setup.Merchants)
		d.adopt(err)
		if setup.Products[product.Code] != nil {
			d.fail(path+".code", "%q is used twice; no two products have the same code", clip(product.Code))
		}
		setup.Products[product.Code] = &product
	}
	d.growth(c, setup)
	return setup
}

// growth adds to a setup what gives: campaigns and the mall.
func (d *document) growth(c *Alliance, setup *alliance.Setup) {
	for i := range c.Campaigns {
		path := item("campaigns", i)
		campaign, err := c.Campaigns[i].Campaign(path, setup)
		d.adopt(err)
		if !setup.AddCampaign(&campaign) {
			d.fail(path+".code", "%q is used twice; no two campaigns have the same code", clip(campaign.Code))
		}
	}
	setup.Items = make(map[string]*alliance.Item, len(c.Mall))
	for i := range c.Mall {
		path := item("mall", i)
		thing, err := c.Mall[i].Item(path, setup)
		d.adopt(err)
		if setup.Items[thing.Code] != nil {
			d.fail(path+".code", "%q is used twice; no two items have the same code", clip(thing.Code))
		}
		setup.Items[thing.Code] = &thing
	}
}

// item is the path of an entry of a list.
func item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
