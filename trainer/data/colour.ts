// Colours that users name: #rgb, #rrggbb, or a word.

/** The sixteen colours of HTML 4, and two spellings of grey. */
const words: Readonly<Record<string, string>> = {
  white: '#ffffff',
  black: '#000000',
  grey: '#808080',
  gray: '#808080',
  silver: '#c0c0c0',
  red: '#ff0000',
  maroon: '#800000',
  yellow: '#ffff00',
  olive: '#808000',
  lime: '#00ff00',
  green: '#008000',
  cyan: '#00ffff',
  teal: '#008080',
  blue: '#0000ff',
  navy: '#000080',
  magenta: '#ff00ff',
  purple: '#800080',
};

/** The texts that {@link colourOf} takes, for messages. */
export const colourFormat = `a colour such as #ff8000, or one of ${Object.keys(words).join(', ')}`;

/** The bytes of red, green and blue; null for a text that names no colour. */
export function colourOf(text: string): readonly [number, number, number] | null {
  const code = words[text.toLowerCase()] ?? text;
  const long = /^#[\da-f]{3}$/i.test(code) ? code.replace(/[\da-f]/gi, '$&$&') : code;
  if (!/^#[\da-f]{6}$/i.test(long)) return null;
  const value = parseInt(long.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
