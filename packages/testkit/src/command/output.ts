/** Where a command writes. */
export interface Output {
  write(text: string): void
}

/** `N passed, N failed, N skipped` */
export function summaryLine(results: readonly { readonly status: string }[]): string {
  const count = (status: string): number =>
    results.filter((result) => result.status === status).length
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`
}
