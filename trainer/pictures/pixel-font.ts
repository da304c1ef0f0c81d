// A bitmap font for labels in images, the same on every machine. Letters are 5 dots wide, 8 dots high and lower case. In the table
// each letter has 8 base-32 digits, one per row of 5 dots, top row first.

/** Width of a letter in dots, without the gap of 1 dot between letters. */
export const letterWidth = 5;
/** Height of a letter in dots; the last row is for descenders. */
export const letterHeight = 8;

const rows: Readonly<Record<string, string>> = {
  a: '00e1fhf0',
  b: 'gguhhhu0',
  c: '00fgggf0',
  d: '11fhhhf0',
  e: '00ehvgf0',
  f: '68u88880',
  g: '00fhhf1e',
  h: 'gguhhhh0',
  i: '40c444e0',
  j: '206222ic',
  k: 'ggikoki0',
  l: 'c44444e0',
  m: '00qllll0',
  n: '00uhhhh0',
  o: '00ehhhe0',
  p: '00uhhugg',
  q: '00fhhf11',
  r: '00moggg0',
  s: '00fge1u0',
  t: '88u88860',
  u: '00hhhhf0',
  v: '00hhha40',
  w: '00hllla0',
  x: '00ha4ah0',
  y: '00hhhf1e',
  z: '00v248v0',
  '0': 'ehjlphe0',
  '1': '4c4444e0',
  '2': 'eh1248v0',
  '3': 'v2421he0',
  '4': '26aiv220',
  '5': 'vgu11he0',
  '6': '68guhhe0',
  '7': 'v1248880',
  '8': 'ehhehhe0',
  '9': 'ehhf12c0',
  '.': '000000c0',
  ',': '00000448',
  ':': '00c000c0',
  '-': '000v0000',
  '+': '0044v440',
  '/': '11248gg0',
  '%': 'pp248jj0',
  '(': '24888420',
  ')': '84222480',
  "'": '44000000',
  '=': '00v0v000',
  '>': 'g84248g0',
};

/** True if the letter has a dot in column x and row y. Capitals are shown in lower case; unknown characters are blank. */
export function hasDot(letter: string, x: number, y: number): boolean {
  const row = rows[letter.toLowerCase()]?.[y];
  return row !== undefined && ((parseInt(row, 32) >> (letterWidth - 1 - x)) & 1) === 1;
}

/** Width of a text in dots. */
export function textWidth(text: string): number {
  return Math.max(0, text.length * (letterWidth + 1) - 1);
}
