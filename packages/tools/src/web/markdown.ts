/** A page is rarely longer, and converting takes its time; in characters. */
const maxHtml = 3_000_000

/** Turns a page into Markdown: what it says, without scripts, styles and navigation of forms. Links become absolute. */
export async function htmlToMarkdown(html: string, base: URL): Promise<string> {
  const { htmlToMarkdown: convert } = await import('@mdream/js')
  const text = convert(html.slice(0, maxHtml), { origin: base.href })
  return text
    .replaceAll(/[ \t\u00A0]+$/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}
