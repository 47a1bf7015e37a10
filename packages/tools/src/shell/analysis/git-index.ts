/** A file that git tracks; a submodule is a repository of its own in the place of a file. */
export interface TrackedFile {
  /** From the top of the repository. */
  readonly path: string
  readonly isSubmodule: boolean
}

const submoduleMode = 0o160000
/** Of an entry, before its name: ten numbers, a hash of 20 bytes, flags. */
const entryBytes = 62
/** Extensions that leave no file out. */
const complete: ReadonlySet<string> = new Set(['TREE', 'REUC', 'UNTR', 'FSMN', 'EOIE', 'IEOT'])

/** The files in the index of a repository; `null` where they are not all there, or in a form that is not read here. Pure. */
export function readIndex(bytes: Uint8Array): readonly TrackedFile[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || view.getUint32(0) !== 0x44495243) return null
  const version = view.getUint32(4)
  if (version !== 2 && version !== 3) return null
  const names = new TextDecoder()
  const files: TrackedFile[] = []
  let at = 12
  for (let left = view.getUint32(8); left > 0; left--) {
    if (at + entryBytes > bytes.length) return null
    const isExtended = version === 3 && (view.getUint16(at + 60) & 0x4000) !== 0
    const start = at + entryBytes + (isExtended ? 2 : 0)
    const end = bytes.indexOf(0, start)
    if (end < 0) return null
    files.push({
      path: names.decode(bytes.subarray(start, end)),
      isSubmodule: (view.getUint32(at + 24) & 0o170000) === submoduleMode,
    })
    // Entries are filled with zeros to a multiple of eight, one at least.
    at += Math.floor((end - at + 8) / 8) * 8
  }
  return isComplete(bytes, at) ? files : null
}

/** Behind the entries are extensions, and at last a hash of 20 bytes. */
function isComplete(bytes: Uint8Array, start: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = start
  while (at + 8 <= bytes.length - 20) {
    const name = String.fromCodePoint(...bytes.subarray(at, at + 4))
    if (!complete.has(name)) return false
    at += 8 + view.getUint32(at + 4)
  }
  return at === bytes.length - 20
}
