package reference

import (
	"fmt"
	"strconv"
)

// MaxAttempt is the highest number of an attempt: with it, the longest reference still has the
// 35 characters that banks pass on.
const MaxAttempt = 99_999_999

const attemptMark = 'R'

// Attempt returns the identification of one attempt to pay a reference: the reference, R, the
// number of the attempt, from 1 to [MaxAttempt], and a letter that checks both. Because mark
// and end are letters, the reference is found even if a bank leaves out everything but letters
// and digits; and an attempt that was cut off is not taken for another one.
//
//	RF39202610000ABC0000042R7K
func Attempt(reference string, number int64) (string, error) {
	if number < 1 || number > MaxAttempt {
		return "", fmt.Errorf("%d is no number of an attempt: it is from 1 to %d", number, MaxAttempt)
	}
	if _, err := parse(reference); err != nil {
		return "", fmt.Errorf("%q: %w", clip(reference), err)
	}
	return marked(reference, number) + string(attemptCheck(reference, number)), nil
}

func marked(reference string, number int64) string {
	return reference + string(attemptMark) + strconv.FormatInt(number, 10)
}

// attemptCheck returns the letter that checks a reference with the number of an attempt.
func attemptCheck(reference string, number int64) byte {
	const letters = 26
	remainder, _ := Remainder97(marked(reference, number))
	return byte('A' + remainder%letters)
}
