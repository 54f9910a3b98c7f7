// Package font is the typeface in which statements are printed: Noto Sans SC,
// Regular, cut down to the characters of GB 2312, Latin and the usual signs, so
// that a binary can carry it. Its licence is the SIL Open Font License 1.1, in
// OFL.txt.
//
// The program cut makes the file anew from a published package of a fixed
// version; nothing else is to be done to it by hand.
package font
