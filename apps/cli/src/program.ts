/** How the person calls this program, for commands that are printed: `npm start --` in a clone sets HARNEXT_COMMAND. */
export function programOf(env: { readonly [name: string]: string | undefined }): string {
  return env['HARNEXT_COMMAND'] || 'harnext'
}
