import { createTheme, Drawer, Modal, Notification, type CSSVariablesResolver } from '@mantine/core';

/** The page's own header stays the only one, also while a dialog is open. */
const withoutLandmark = { attributes: { header: { role: 'none' } } };

/** One accent, everything else gray. Both shades carry white text above 4.5 : 1. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
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
  components: {
    Modal: Modal.extend({ defaultProps: withoutLandmark }),
    Drawer: Drawer.extend({ defaultProps: withoutLandmark }),
    // It goes by itself. One that stays brings a button, and the button's name.
    Notification: Notification.extend({ defaultProps: { withCloseButton: false } }),
  },
});

/** Mantine's quiet grays are too light for small text: 4.5 : 1 is what everybody can read. */
export const readableGrays: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray[7],
    '--mantine-color-placeholder': colors.gray[7],
    '--mantine-color-error': colors.red[9],
    '--mantine-color-red-outline': colors.red[9],
    '--mantine-color-red-light-color': '#a11212',
    '--mantine-color-yellow-light': 'var(--page-waiting)',
    '--mantine-color-yellow-light-color': 'var(--page-waiting-text)',
    '--mantine-color-green-light-color': '#1d5c2b',
    '--mantine-color-body': '#f7f8f8',
    '--page-surface': '#ffffff',
    '--page-line': colors.gray[3],
    '--page-inset': '#f1f3f3',
    '--page-mark-line': 'rgb(0 0 0 / 35%)',
    '--page-waiting': '#fff1cc',
    '--page-waiting-text': '#6b4500',
  },
  dark: {
    '--mantine-color-dimmed': colors.dark[1],
    '--mantine-color-placeholder': colors.dark[2],
    '--mantine-color-error': colors.red[4],
    '--mantine-color-red-outline': colors.red[4],
    '--mantine-color-yellow-light': 'var(--page-waiting)',
    '--mantine-color-yellow-light-color': 'var(--page-waiting-text)',
    '--mantine-color-body': '#15191a',
    '--page-surface': '#1d2223',
    '--page-line': '#30383a',
    '--page-inset': '#262d2e',
    '--page-mark-line': 'rgb(255 255 255 / 45%)',
    '--page-waiting': '#3d3008',
    '--page-waiting-text': '#ffe08a',
  },
});
