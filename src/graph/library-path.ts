/**
 * Where onnxruntime-node keeps the ONNX Runtime library it bundles for this platform.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError } from '../core/errors.ts';

const FILES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
};

export interface BundledLibrary {
  readonly path: string;
  /** Version of the onnxruntime-node package it came in. */
  readonly version: string;
}

/** @throws EngineError when the package is not installed or brings no library for this platform and processor. */
export function bundledLibrary(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): BundledLibrary {
  const manifest = manifestPath();
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const file = FILES[platform];
  const path = join(dirname(manifest), 'bin', 'napi-v6', platform, arch, file ?? '');
  if (!file || !existsSync(path)) {
    throw new EngineError(`onnxruntime-node ${version} brings no library for ${platform}/${arch} (looked for ${path})`);
  }
  return { path, version };
}

function manifestPath(): string {
  try {
    return createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  } catch (cause) {
    throw new EngineError('onnxruntime-node is not installed; run npm install', { cause });
  }
}
