// Puts a changed copy in the place of one file of ours. Which one comes as JSON in MUTATION.
import 'tsx'; // first: hooks that come later are asked before it
import { register } from 'node:module';

register('./mutate-hooks.mjs', import.meta.url, { data: JSON.parse(process.env.MUTATION) }); // oxlint-disable-line node/no-process-env -- a hook has no other input
