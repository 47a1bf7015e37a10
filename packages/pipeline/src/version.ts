/** Of this package, and of the `harnext` that the stages install; a test holds it to the manifest. */
export const version = '0.1.0'
