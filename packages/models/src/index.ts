// All that is exported here is public.
export { catalog, createCatalog, type Catalog, type ModelName } from './catalog.ts'
export type { Model, ModelOverride, ModelPrice, PriceTier, Rates } from './model.ts'
