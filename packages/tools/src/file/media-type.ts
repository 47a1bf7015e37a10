interface Kind {
  readonly name: string
  /** Set for what a model can look at. */
  readonly mediaType?: string
  readonly bytes: readonly number[]
  readonly offset?: number
}

const kinds: readonly Kind[] = [
  { name: 'PNG image', mediaType: 'image/png', bytes: [0x89, 0x50, 0x4e, 0x47] },
  { name: 'JPEG image', mediaType: 'image/jpeg', bytes: [0xff, 0xd8, 0xff] },
  { name: 'GIF image', mediaType: 'image/gif', bytes: [0x47, 0x49, 0x46, 0x38] },
  { name: 'WebP image', mediaType: 'image/webp', bytes: ascii('WEBP'), offset: 8 },
  { name: 'PDF document', bytes: ascii('%PDF-') },
  { name: 'ZIP archive (or a document, package or jar that is one)', bytes: [0x50, 0x4b, 3, 4] },
  { name: 'gzip archive', bytes: [0x1f, 0x8b] },
  { name: 'xz archive', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'Zstandard archive', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'bzip2 archive', bytes: ascii('BZh') },
  { name: '7-Zip archive', bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { name: 'tar archive', bytes: ascii('ustar'), offset: 257 },
  { name: 'ELF program or library', bytes: [0x7f, 0x45, 0x4c, 0x46] },
  { name: 'Mach-O program or library', bytes: [0xcf, 0xfa, 0xed, 0xfe] },
  { name: 'Java class or Mach-O program', bytes: [0xca, 0xfe, 0xba, 0xbe] },
  { name: 'Windows program or library', bytes: ascii('MZ') },
  { name: 'WebAssembly module', bytes: [0, 0x61, 0x73, 0x6d] },
  { name: 'SQLite database', bytes: ascii('SQLite format 3') },
  { name: 'Ogg audio or video', bytes: ascii('OggS') },
  { name: 'MP4 or similar video', bytes: ascii('ftyp'), offset: 4 },
  { name: 'WAV, AVI or similar media', bytes: ascii('RIFF') },
  { name: 'WOFF2 font', bytes: ascii('wOF2') },
]

/** What the first bytes of a file that is not text look like. `mediaType` is there for an image that models take. */
export function sniffBinary(head: Uint8Array): {
  readonly name: string
  readonly mediaType?: string
} {
  const found = kinds.find(({ bytes, offset = 0 }) =>
    bytes.every((byte, index) => head[offset + index] === byte),
  )
  return found ?? { name: 'binary file' }
}

/** Whether the first bytes belong to no text. UTF-16, which has zero bytes, is told by its byte order mark beforehand. */
export function isBinary(head: Uint8Array): boolean {
  return head.includes(0) || sniffBinary(head).mediaType !== undefined || startsLike(head, '%PDF-')
}

function startsLike(head: Uint8Array, text: string): boolean {
  return ascii(text).every((byte, index) => head[index] === byte)
}

function ascii(text: string): readonly number[] {
  return Array.from(text, (char) => char.charCodeAt(0))
}
