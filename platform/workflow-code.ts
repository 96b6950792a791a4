import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where a worker, or a replay, takes the workflows from. */
export type WorkflowCode = (
  | { readonly workflowBundle: { readonly codePath: string } | { readonly code: string } }
  | { readonly workflowsPath: string }
) & {
  /** A bundle has them inside. */
  readonly interceptors?: { readonly workflowModules: string[] };
};

/** This bundle, or that of a build where there is one; from the sources otherwise, which takes some seconds. */
export function workflowCode(bundle?: string): WorkflowCode {
  const codePath = bundle ?? fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (bundle !== undefined || existsSync(codePath)) return { workflowBundle: { codePath } };
  return {
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    interceptors: { workflowModules: [fileURLToPath(new URL('../workflows/traces.ts', import.meta.url))] },
  };
}
