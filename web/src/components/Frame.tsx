import {
  ActionIcon,
  Alert,
  Anchor,
  Container,
  Group,
  NativeSelect,
  Stack,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { IconExternalLink, IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useReachable } from '../client/query-client.ts';
import { hostPage, useSession } from '../client/session.ts';
import { paths } from '../paths.ts';
import { changeLanguage, languageNames, languages } from '../texts/i18n.ts';
import logo from '../icon.svg';

/** What stands around every screen: the bar on top, and what concerns all of them. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <a className="skip-link" href="#content" onClick={focusContent}>
        {t('skipToContent')}
      </a>
      <header className="page-header">
        <Container size="lg">
          <Group className="page-header-row" justify="space-between" gap="sm" wrap="nowrap">
            <Link href={paths.integrations} className="brand">
              <img src={logo} width={28} height={28} alt="" />
              {t('product')}
            </Link>
            <Group gap="xs" wrap="nowrap">
              <LanguageSwitch />
              <ColorSwitch />
            </Group>
          </Group>
        </Container>
      </header>
      <main id="content" className="page-main quiet-focus" tabIndex={-1}>
        <Container size="lg">
          <Stack gap="md">
            <Banners />
            {children}
          </Stack>
        </Container>
      </main>
    </>
  );
}

/** A plain `#content` would be a new address below the page's `<base>`. */
function focusContent(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#content')?.focus();
}

function Banners() {
  const { t } = useTranslation();
  const { ended } = useSession();
  const reachable = useReachable();
  const host = hostPage();
  if (ended)
    return (
      <Alert color="red" variant="light" title={t('sessionEnded.title')}>
        <Text size="sm">{t('sessionEnded.text')}</Text>
        {host === null ? null : (
          <Anchor href={host} target="_blank" rel="noopener noreferrer" fw={600} underline="always">
            {t('openHost')} <IconExternalLink size={14} aria-hidden />
          </Anchor>
        )}
      </Alert>
    );
  if (!reachable)
    return (
      <Alert color="yellow" variant="light" title={t('offline.title')}>
        {t('offline.text')}
      </Alert>
    );
  return null;
}

function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const data = languages.map((value) => ({ value, label: languageNames[value] }));
  return (
    <NativeSelect
      size="xs"
      aria-label={t('language')}
      data={data}
      value={i18n.language}
      onChange={({ currentTarget }) => {
        const chosen = languages.find((language) => language === currentTarget.value);
        if (chosen !== undefined) void changeLanguage(chosen);
      }}
    />
  );
}

function ColorSwitch() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={t(isDark ? 'colorScheme.toLight' : 'colorScheme.toDark')}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      {isDark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
