/** Where `npm install` and its like of other languages load packages: what commands of a stage reach. */
export const packageRegistries: readonly string[] = [
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'jsr.io',
  'pypi.org',
  'files.pythonhosted.org',
  'index.crates.io',
  'static.crates.io',
  'proxy.golang.org',
  'sum.golang.org',
  'rubygems.org',
  'repo.maven.apache.org',
  'plugins.gradle.org',
  'api.nuget.org',
  'repo.packagist.org',
]
