import { textIn } from './answer.ts'

/** Collects what a vendor finds wrong; it tells the first. */
export class Complaints {
  first: string | null = null

  /** Notes the complaint unless the condition holds. */
  unless(condition: boolean, complaint: string): void {
    if (!condition) this.first ??= complaint
  }
}

export function isBlank(value: unknown): boolean {
  return textIn(value).trim() === ''
}

/** A half of a surrogate pair is no text: vendors cannot read such a request. */
export function hasBrokenText(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed()
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, item]) => !key.isWellFormed() || hasBrokenText(item))
}

/** What all vendors want of names of tools. */
export function isToolName(value: unknown): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(textIn(value))
}

/** The calls that wait for their results, for vendors that want each answered once and before anything else. */
export class OpenCalls {
  private readonly open = new Set<string>()
  private readonly seen = new Set<string>()
  private readonly complaints: Complaints

  constructor(complaints: Complaints) {
    this.complaints = complaints
  }

  call(id: string): void {
    this.complaints.unless(id !== '', 'a call has no id')
    this.complaints.unless(!this.seen.has(id), `the id ${id} of a call is there twice`)
    this.seen.add(id)
    this.open.add(id)
  }

  result(id: string): void {
    this.complaints.unless(this.open.delete(id), `a result for ${id}, which is no open call`)
  }

  /** Something that is no result comes. */
  settle(where: string): void {
    const orphans = [...this.open].join(', ')
    this.complaints.unless(
      this.open.size === 0,
      `calls without a result before ${where}: ${orphans}`,
    )
    this.open.clear()
  }
}

export const at = (where: string, index: number): string => `${where}[${index}]`
