import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { en } from './en/index.ts';
import type { Texts } from './shape.ts';

export const languages = ['en', 'es', 'ca'] as const;
export type Language = (typeof languages)[number];

/** Each language by its own name. */
export const languageNames: Record<Language, string> = { en: 'English', es: 'Español', ca: 'Català' };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof en;
    returnNull: false;
  }
}

/** Only the language in use is loaded. */
const loaders: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import('./en/index.ts')).en,
  es: async () => (await import('./es/index.ts')).es,
  ca: async () => (await import('./ca/index.ts')).ca,
};

const storageKey = 'workmeter.language';

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    defaultNS: 'common',
    fallbackLng: false,
    interpolation: { escapeValue: false }, // React escapes
    resources: {},
  });
  await changeLanguage(preferredLanguage());
}

/** Loads the language where it is not there yet, and remembers it in this browser. */
export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'common')) {
    for (const [namespace, texts] of Object.entries(await loaders[language]()))
      i18next.addResourceBundle(language, namespace, texts);
  }
  await i18next.changeLanguage(language);
  window.localStorage.setItem(storageKey, language);
  document.documentElement.lang = language;
}

/** What was chosen here before, else what the address says (`?lang=`), else the browser's first language that we speak. */
function preferredLanguage(): Language {
  const wishes = [
    new URLSearchParams(window.location.search).get('lang'),
    window.localStorage.getItem(storageKey),
    ...window.navigator.languages,
  ];
  for (const wish of wishes) {
    const language = languages.find((one) => one === wish?.slice(0, 2).toLowerCase());
    if (language !== undefined) return language;
  }
  return 'en';
}
