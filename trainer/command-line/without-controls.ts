// Names of files and models come from others: their control characters must not command the terminal.

/** The text with control characters, other than line ends and tabs, as U+FFFD. */
export function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
