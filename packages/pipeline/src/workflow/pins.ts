/** The actions that the workflows use, each pinned by the commit of a release. */
export const actions = {
  checkout: 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8',
  setupNode: 'actions/setup-node@a0853c24544627f65ddf259abe73b1d18a591444',
  upload: 'actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02',
  download: 'actions/download-artifact@634f93cb2916e3fdff6788551b99b062d0335ce0',
} as const

/** What a person reads behind a pin. */
export const versionOfPin: { readonly [pin: string]: string } = {
  [actions.checkout]: 'v5.0.0',
  [actions.setupNode]: 'v5.0.0',
  [actions.upload]: 'v4.6.2',
  [actions.download]: 'v5.0.0',
}

/** GitHub's own machine; a version of its own, so that the pipeline does not change when the newest one does. */
export const hostedRunner = 'ubuntu-24.04'
export const nodeVersion = '24'
/** What holds commands to a list of domains; `harnext` loads it from beside itself. */
export const sandboxRuntimeVersion = '0.0.83'
