// The device that a generator runs on, in words for visitors.
import type { DeviceReport } from '../runtime-web/index.ts';

/** One or two short sentences: `Running on your processor, 2 threads. No GPU found.` */
export function deviceText({ name, reason }: DeviceReport): string {
  if (name === 'webgpu') return `Running on your GPU (${reason}).`;
  const threads = /\d+ threads?/.exec(reason)?.[0];
  const place = `Running on your processor${threads === undefined ? '' : `, ${threads}`}.`;
  if (/no WebGPU|is no GPU/.test(reason)) return `${place} No GPU found.`;
  return threads === undefined ? `${place} (${reason})` : place;
}
