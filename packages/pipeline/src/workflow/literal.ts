/** A text that GitHub takes as it is: what would begin an expression is written as one that gives these characters. */
export function literal(text: string): string {
  return text.replaceAll('${{', "${{ '${{' }}")
}
