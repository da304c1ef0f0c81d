// Event files of TensorBoard: scalars, images and texts by step. Each session of a run writes a file of its own, and TensorBoard joins
// them.
import type { Channels } from '../../runtime-web/format/image-shape.ts';
import { appendFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { recordOf } from './records.ts';

/** The used part of TensorFlow's event.proto, summary.proto, tensor.proto and tensor_shape.proto. */
const schema = `
syntax = "proto3";
message Event {
  double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7;
}
message SessionLog { int32 status = 1; }
message Summary { repeated Value value = 1; }
message Value {
  string tag = 1; optional float simple_value = 2; Image image = 4; Tensor tensor = 8; Metadata metadata = 9;
}
message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
message Tensor { int32 dtype = 1; Shape tensor_shape = 2; repeated bytes string_val = 8; }
message Shape {}
message Metadata { Plugin plugin_data = 1; string summary_description = 3; }
message Plugin { string plugin_name = 1; }`;
const eventType = protobuf.parse(schema, { keepCase: true }).root.lookupType('Event');

/** TensorFlow's numbers of its values. */
const sessionStart = 1;
const stringType = 7;

/** A scalar of one step; TensorBoard shows the description beside its chart. */
export interface Scalar {
  /** A path, such as `loss/generator`; scalars of one folder stand together. */
  readonly tag: string;
  readonly value: number;
  readonly description?: string;
}

/** An event file. Methods reject if the disk cannot be written. */
export class EventFile {
  private readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Begins a file in `folder`, which is made if need be. TensorBoard drops what earlier files have after `step`. */
  static async begin(folder: string, step: number): Promise<EventFile> {
    await mkdir(folder, { recursive: true });
    const number = String((await readdir(folder)).length).padStart(4, '0');
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    const file = new EventFile(join(folder, `events.out.tfevents.${seconds}.dcgan.${number}`));
    await file.add(0, { file_version: 'brain.Event:2' });
    await file.add(step + 1, { session_log: { status: sessionStart } });
    return file;
  }

  /** Adds scalars of one step. */
  async scalars(step: number, scalars: readonly Scalar[]): Promise<void> {
    const value = scalars.map(({ tag, value: simple_value, description }) => ({
      tag,
      simple_value,
      ...(description !== undefined && { metadata: { summary_description: description } }),
    }));
    if (value.length > 0) await this.add(step, { summary: { value } });
  }

  /** Adds an image of one step: the bytes of a PNG with its sides in pixels, grey or in colour. */
  async image(
    step: number,
    tag: string,
    {
      png,
      width,
      height,
      channels,
    }: {
      readonly png: Uint8Array;
      readonly width: number;
      readonly height: number;
      readonly channels: Channels;
    },
  ): Promise<void> {
    const image = { height, width, colorspace: channels, encoded_image_string: png };
    await this.add(step, { summary: { value: [{ tag, image }] } });
  }

  /** Adds a text of one step, in Markdown. */
  async text(step: number, tag: string, markdown: string): Promise<void> {
    const tensor = { dtype: stringType, tensor_shape: {}, string_val: [Buffer.from(markdown)] };
    const metadata = { plugin_data: { plugin_name: 'text' } };
    await this.add(step, { summary: { value: [{ tag, tensor, metadata }] } });
  }

  private async add(step: number, content: object): Promise<void> {
    const event = eventType.create({ wall_time: Date.now() / 1000, step, ...content });
    await appendFile(this.path, recordOf(eventType.encode(event).finish()));
  }
}
