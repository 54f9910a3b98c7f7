package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
)

// child is this program, started again as a process of its own. It answers each line
// of JSON with another, and ends when its input does.
type child struct {
	command *exec.Cmd
	input   io.WriteCloser
	answers *bufio.Reader
}

// spawn starts a child with some arguments.
func spawn(args ...string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{command: exec.Command(program, args...)}
	c.command.Stderr = os.Stderr
	if c.input, err = c.command.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.answers = bufio.NewReader(output)
	return c, c.command.Start()
}

func (c *child) pid() int { return c.command.Process.Pid }

// ask sends a question and waits for the answer. If the context ends first, the child
// is killed.
func (c *child) ask(ctx context.Context, question, answer any) error {
	stop := context.AfterFunc(ctx, func() { _ = c.command.Process.Kill() })
	defer stop()
	if err := json.NewEncoder(c.input).Encode(question); err != nil {
		return fmt.Errorf("%s: %w", c.command.Args[1], err)
	}
	line, err := c.answers.ReadBytes('\n')
	if err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("the process %s ended without an answer: %w", c.command.Args[1], err))
	}
	var failed struct{ Error string }
	if err := json.Unmarshal(line, &failed); err == nil && failed.Error != "" {
		return errors.New(failed.Error)
	}
	return json.Unmarshal(line, answer)
}

// end closes the child's input and waits for it to end.
func (c *child) end() error {
	if c == nil {
		return nil
	}
	_ = c.input.Close()
	return c.command.Wait()
}

// answerQuestions is the child's side: it answers the questions on standard input until
// there are no more. If the input ends during a reply, the reply's context is cancelled.
func answerQuestions[Q any](ctx context.Context, reply func(context.Context, Q) (any, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	questions := make(chan Q)
	var ended atomic.Pointer[error]
	go func() {
		defer close(questions)
		defer cancel()
		decoder := json.NewDecoder(os.Stdin)
		for {
			var q Q
			if err := decoder.Decode(&q); err != nil {
				ended.Store(&err)
				return
			}
			questions <- q
		}
	}()
	output := json.NewEncoder(os.Stdout)
	for q := range questions {
		result, err := reply(ctx, q)
		if err != nil {
			result = map[string]string{"Error": err.Error()}
		}
		if err := output.Encode(result); err != nil {
			return err
		}
	}
	if err := ended.Load(); err != nil && !errors.Is(*err, io.EOF) {
		return *err
	}
	return nil
}
