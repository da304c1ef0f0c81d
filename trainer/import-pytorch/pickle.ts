// Reads the pickle of a state dict and executes nothing: a stack machine of the opcodes that torch.save writes. A pickle can name any
// function of Python and call it; here a name is a key into the caller's table, and names that are not in it are refused.
import type { UserError } from '../errors.ts';

/** A value of a pickle: dicts are Maps, lists and tuples arrays, None is null. Made objects are the caller's. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PickleValue[]
  | Map<PickleValue, PickleValue>
  | Global
  | object;

/** A function or class that the caller knows; `call` gets the arguments. Without `call` it is a plain name. */
export interface Global {
  readonly call?: (args: readonly PickleValue[]) => PickleValue;
}

/** Names and types that the caller knows. */
export interface PickleOptions {
  /** By module and name: `collections.OrderedDict`. */
  readonly globals: ReadonlyMap<string, Global>;
  /** Resolves a persistent id, the reference to a storage. */
  readonly persistent: (id: PickleValue) => PickleValue;
  /** The error for an unknown global `name`. */
  readonly refuseGlobal: (name: string) => UserError;
  /** The error for bytes that are no such pickle. */
  readonly refuse: (why: string) => UserError;
}

/** The place on the stack where the items of a tuple, list or dict begin. */
const mark = Symbol('mark');
type StackItem = PickleValue | typeof mark;

/** Longest global's name and largest integer, in bytes. */
const maxName = 200;
const maxInteger = 8;

/** Reads the pickle that begins at `start`, protocols 0 to 5; also gives its end. Throws the caller's errors. */
export function readPickleAt(
  bytes: Uint8Array,
  start: number,
  options: PickleOptions,
): { readonly value: PickleValue; readonly end: number } {
  return new Unpickler(bytes, start, options).read();
}

class Unpickler {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly options: PickleOptions;
  private at: number;
  private readonly stack: StackItem[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, start: number, options: PickleOptions) {
    this.bytes = bytes;
    this.at = start;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.options = options;
  }

  read(): { readonly value: PickleValue; readonly end: number } {
    for (;;) {
      const code = this.uint8();
      const opcode = String.fromCharCode(code);
      if (opcode === '.') return { value: this.pop(), end: this.at };
      this.step(opcode, code);
    }
  }

  /** Executes one opcode; the names are those of Python's pickletools. */
  private step(opcode: string, code: number): void {
    switch (opcode) {
      case '\x80': // PROTO
        if (this.uint8() > 5) throw this.options.refuse('its pickle protocol is newer than 5');
        return;
      case '\x95': // FRAME
        this.take(8);
        return;
      case '(': // MARK
        this.stack.push(mark);
        return;
      case '0': // POP
        this.stack.pop();
        return;
      case 'N': // NONE
        return this.push(null);
      case '\x88': // NEWTRUE
        return this.push(true);
      case '\x89': // NEWFALSE
        return this.push(false);
      case 'J': // BININT
        return this.push(this.view.getInt32(this.take(4), true));
      case 'K': // BININT1
        return this.push(this.uint8());
      case 'M': // BININT2
        return this.push(this.view.getUint16(this.take(2), true));
      case '\x8a': // LONG1
        return this.push(this.long(this.uint8()));
      case 'G': // BINFLOAT
        return this.push(this.view.getFloat64(this.take(8), false));
      case 'X': // BINUNICODE
        return this.push(this.text(this.uint32()));
      case '\x8c': // SHORT_BINUNICODE
        return this.push(this.text(this.uint8()));
      case '}': // EMPTY_DICT
        return this.push(new Map());
      case ']': // EMPTY_LIST
        return this.push([]);
      case ')': // EMPTY_TUPLE
        return this.push([]);
      case 't': // TUPLE
        return this.push(this.popToMark());
      case '\x85': // TUPLE1
      case '\x86': // TUPLE2
      case '\x87': // TUPLE3
        return this.push(this.popMany(code - 0x84));
      case 'a': // APPEND
        return this.append(this.popMany(1));
      case 'e': // APPENDS
        return this.append(this.popToMark());
      case 's': // SETITEM
        return this.setItems(this.popMany(2));
      case 'u': // SETITEMS
        return this.setItems(this.popToMark());
      case 'q': // BINPUT
        this.memo.set(this.uint8(), this.top());
        return;
      case 'r': // LONG_BINPUT
        this.memo.set(this.uint32(), this.top());
        return;
      case '\x94': // MEMOIZE
        this.memo.set(this.memo.size, this.top());
        return;
      case 'h': // BINGET
        return this.push(this.remembered(this.uint8()));
      case 'j': // LONG_BINGET
        return this.push(this.remembered(this.uint32()));
      case 'c': // GLOBAL
        return this.pushGlobal(this.line(), this.line());
      case '\x93': {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') throw this.damaged();
        return this.pushGlobal(module, name);
      }
      case 'Q': // BINPERSID
        return this.push(this.options.persistent(this.pop()));
      case 'R': {
        // REDUCE
        const [callee, args] = this.popMany(2);
        if (!isGlobal(callee) || callee.call === undefined || !Array.isArray(args)) throw this.damaged();
        return this.push(callee.call(args));
      }
      case 'b': // BUILD
        // The attributes of an OrderedDict: `_metadata`, the versions of a state dict's modules.
        this.pop();
        if (!(this.top() instanceof Map)) throw this.damaged();
        return;
      default:
        throw this.options.refuse(
          `its pickle has the opcode 0x${code.toString(16).padStart(2, '0')}, which no state dict has`,
        );
    }
  }

  private push(value: PickleValue): void {
    this.stack.push(value);
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === mark) throw this.damaged();
    return value as PickleValue;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  private popToMark(): PickleValue[] {
    const start = this.stack.lastIndexOf(mark);
    if (start < 0) throw this.damaged();
    return this.stack.splice(start).slice(1) as PickleValue[];
  }

  private append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.damaged();
    for (const item of items) list.push(item);
  }

  private setItems(items: readonly PickleValue[]): void {
    const map = this.top();
    if (!(map instanceof Map) || items.length % 2 !== 0) throw this.damaged();
    for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
  }

  private pushGlobal(module: string, name: string): void {
    const full = `${module}.${name}`;
    const known = this.options.globals.get(full);
    if (known === undefined) throw this.options.refuseGlobal(full.slice(0, maxName));
    this.push(known);
  }

  private remembered(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw this.damaged();
    return value;
  }

  /** Moves past `count` bytes and returns where they start. */
  private take(count: number): number {
    const start = this.at;
    if (start + count > this.bytes.length) throw this.options.refuse('its pickle is truncated');
    this.at += count;
    return start;
  }

  private uint8(): number {
    return this.view.getUint8(this.take(1));
  }

  private uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** A little-endian two's complement number; a bigint only where a number would lose digits. */
  private long(count: number): number | bigint {
    if (count > maxInteger) throw this.options.refuse(`its pickle has an integer of ${count} bytes`);
    const start = this.take(count);
    let value = 0n;
    for (let i = 0; i < count; i++) value |= BigInt(this.bytes[start + i]!) << BigInt(8 * i);
    const signed = BigInt.asIntN(Math.max(1, 8 * count), value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  private text(count: number): string {
    const start = this.take(count);
    return new TextDecoder().decode(this.bytes.subarray(start, start + count));
  }

  /** The text up to the next line end. */
  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    const text = this.text((end < 0 ? this.bytes.length : end) - this.at);
    this.take(1);
    return text;
  }

  private damaged(): UserError {
    return this.options.refuse(`its pickle makes no sense at byte ${this.at}`);
  }
}

/** True for an entry of the caller's table. */
function isGlobal(value: PickleValue | undefined): value is Global {
  return typeof value === 'object' && value !== null && 'call' in value;
}
