import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** One accent, everything else gray. Shade 7 carries white text, shade 4 dark text, both above 4.5 : 1. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  colors: {
    accent: [
      '#e6f6f4',
      '#cbeae6',
      '#9fd8d1',
      '#6fc4ba',
      '#45b0a4',
      '#249a8d',
      '#128277',
      '#0b6e66',
      '#085a54',
      '#054640',
    ],
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});

/** Mantine's quiet grays are too light for small text: 4.5 : 1 is what everybody can read. */
export const readableGrays: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray[7],
    '--mantine-color-placeholder': colors.gray[7],
    '--mantine-color-error': colors.red[9],
    '--mantine-color-body': '#f7f8f8',
    '--page-surface': '#ffffff',
    '--page-line': colors.gray[3],
  },
  dark: {
    '--mantine-color-dimmed': colors.dark[1],
    '--mantine-color-placeholder': colors.dark[2],
    '--mantine-color-error': colors.red[4],
    '--mantine-color-body': '#15191a',
    '--page-surface': '#1d2223',
    '--page-line': '#30383a',
  },
});
