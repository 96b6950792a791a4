import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './page.css';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startSession } from './client/session.ts';
import { App } from './App.tsx';
import { styleNonce } from './style-nonce.ts';
import { startTexts } from './texts/i18n.ts';

startSession();
setNonce(styleNonce()); // for the one library that writes a style sheet of its own while a dialog is open
await startTexts();

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
