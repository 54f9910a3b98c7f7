package api

import (
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/merchant/access"
)

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config spec/config.yaml openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config routes/config.yaml openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config client/config.yaml openapi.yaml

//go:embed openapi.yaml
var openapiYAML []byte

const (
	maxBody       = 64 << 10           // bytes of a body, unless the document says otherwise
	maxBodyKey    = "x-max-body-bytes" // where it says so
	commandKey    = "x-command"        // where an operation names its command
	mediaTypeJSON = "application/json"
	mediaTypeFile = "application/octet-stream"
	mediaTypeForm = "multipart/form-data"
	organiserKey  = "organiserKey"
	shopKey       = "shopKey"  // of either right
	ownerKey      = "ownerKey" // a shop key with the right owner
	memberSession = "memberSession"
	staffSession  = "staffSession" // where a key is not enough, because it is no person's
	ownerSession  = "ownerSession" // the same, but no cashier's
	headerIdemKey = "Idempotency-Key"

	idempotencyParameter = "IdempotencyKey" // its name among the document's components
	codeParameter        = "ShownCode"      // likewise
	pinParameter         = "ShownPIN"       // likewise
	headerReplayed       = "Idempotency-Replayed"
)

// operation is what the document says of one operation, as the server enforces it.
type operation struct {
	id      string
	event   string // of the command that it is for; "": it has a handler of its own
	method  string
	route   string // with its parameters as the document writes them
	path    map[string]*schema.Parameter
	query   map[string]*schema.Parameter
	header  map[string]*schema.Parameter
	body    *schema.Schema // nil: none, or a file
	file    bool           // the body is a file
	maxBody int64

	bodySchema *openapi3.Schema // of a body, as the document has it
}

// operationsOf returns the operations of a document by their ids. It returns an
// error for what the server would not enforce, and if the document's operations
// are not those of the table of permissions.
func operationsOf(document *openapi3.T) (map[string]*operation, error) {
	operations := make(map[string]*operation)
	for path, item := range document.Paths.Map() {
		if len(item.Parameters) > 0 {
			return nil, fmt.Errorf("openapi.yaml: %s: has parameters outside its operations", path)
		}
		for method, o := range item.Operations() {
			op, err := newOperation(o)
			if err != nil {
				return nil, fmt.Errorf("openapi.yaml: %s %s: %w", method, path, err)
			}
			op.method, op.route = method, path
			operations[op.id] = op
		}
	}
	for _, p := range access.Permissions() {
		if operations[p.Operation] == nil {
			return nil, fmt.Errorf("openapi.yaml: there are permissions for %s, which is no operation", p.Operation)
		}
	}
	return operations, nil
}

// checkSecurity compares what the document says of who may call an operation with
// the table of permissions, which is what the server goes by.
func checkSecurity(o *openapi3.Operation) error {
	said := make(map[string]bool)
	if access.Public(o.OperationID) {
		if o.Security == nil || len(*o.Security) > 0 {
			return errors.New("is open to anyone and says something else; it has security: []")
		}
		return nil
	}
	if o.Security != nil {
		for _, requirement := range *o.Security {
			for scheme := range requirement {
				said[scheme] = true
			}
		}
	}
	for _, says := range []struct {
		role access.Role
		may  bool
	}{
		{access.Organiser, said[organiserKey] || said[staffSession] || said[ownerSession]},
		{access.Owner, said[shopKey] || said[ownerKey] || said[staffSession] || said[ownerSession]},
		{access.Cashier, said[shopKey] || said[staffSession]},
		{access.Member, said[memberSession]},
	} {
		if says.may != access.Permitted(o.OperationID, says.role) {
			return fmt.Errorf("the permissions of the role %s differ from its security", says.role)
		}
	}
	if said[shopKey] && said[ownerKey] {
		return fmt.Errorf("names %s and %s; the first includes the second", shopKey, ownerKey)
	}
	for _, known := range []string{organiserKey, shopKey, ownerKey, memberSession, staffSession, ownerSession} {
		delete(said, known)
	}
	if len(said) > 0 {
		return fmt.Errorf("has unknown security schemes: %v", slices.Sorted(maps.Keys(said)))
	}
	return nil
}

func newOperation(o *openapi3.Operation) (*operation, error) {
	if err := checkSecurity(o); err != nil {
		return nil, err
	}
	op := &operation{
		id: o.OperationID, maxBody: maxBody,
		path: make(map[string]*schema.Parameter), query: make(map[string]*schema.Parameter), header: make(map[string]*schema.Parameter),
	}
	for _, parameter := range o.Parameters {
		p, err := schema.CompileParameter(parameter.Value)
		if err != nil {
			return nil, err
		}
		switch p.In {
		case openapi3.ParameterInPath:
			op.path[p.Name] = p
		case openapi3.ParameterInQuery:
			op.query[p.Name] = p
		default:
			op.header[p.Name] = p
		}
	}
	op.event, _ = o.Extensions[commandKey].(string)
	if limit, ok := o.Extensions[maxBodyKey].(float64); ok {
		op.maxBody = int64(limit)
	} else if o.Extensions[maxBodyKey] != nil {
		return nil, fmt.Errorf("has a %s that is no number", maxBodyKey)
	}
	return op, op.setBody(o.RequestBody)
}

func (o *operation) setBody(body *openapi3.RequestBodyRef) error {
	if body == nil {
		return nil
	}
	content := body.Value.Content
	if !body.Value.Required || len(content) != 1 {
		return errors.New("must require its body, of one media type")
	}
	if file := content[mediaTypeFile]; file != nil {
		o.file = true // its handler reads it
		return nil
	}
	media := content[mediaTypeJSON]
	if media == nil {
		return fmt.Errorf("has a body that is neither %s nor %s", mediaTypeJSON, mediaTypeFile)
	}
	var err error
	o.bodySchema = media.Schema.Value
	o.body, err = schema.Compile(o.bodySchema)
	return err
}

// queryNames returns the names of the query parameters, for messages.
func (o *operation) queryNames() string {
	return strings.Join(slices.Sorted(maps.Keys(o.query)), ", ")
}

// hash returns the hash of what a request says, which decides, together with the
// caller, whether a later request with the same key is the same.
func (o *operation) hash(request any) ([sha256.Size]byte, error) {
	canonical, err := json.Marshal(request)
	return sha256.Sum256(append([]byte(o.id+"\n"), canonical...)), err
}
