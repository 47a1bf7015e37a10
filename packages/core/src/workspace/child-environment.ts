/** Names of variables that open an account elsewhere. `MAX_TOKENS` and `SSH_AUTH_SOCK` are none. */
const secretName =
  /api_?key|bearer_?token|(token|secret|credentials|_pat|(secret|access|private|auth|signing|encryption)_key|access_key_id)$/i

/**
 * The environment for a child process: all of it but the variables whose name says that they hold a key: names with `API_KEY` or
 * `BEARER_TOKEN` in them, and names that end in `TOKEN`, `SECRET`, `CREDENTIALS`, `PAT`, `ACCESS_KEY`, `ACCESS_KEY_ID`,
 * `SECRET_KEY`, `PRIVATE_KEY` and the like. What `keep` names stays, as in `childEnvironment(process.env, ['GITHUB_TOKEN'])`.
 */
export function childEnvironment(
  environment: { readonly [name: string]: string | undefined },
  keep: readonly string[] = [],
): { readonly [name: string]: string } {
  const result: { [name: string]: string } = {}
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && (keep.includes(name) || !secretName.test(name))) result[name] = value
  return result
}
