import { Group, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

interface Step {
  readonly label: string;
  /** Absent where there is no screen of ours behind it, and on the screen itself. */
  readonly href?: string;
}

/** The way here, and the screen's name: also that of the browser's tab. */
export function PageHeading({ steps, children }: { steps: readonly Step[]; children?: ReactNode }) {
  const { t } = useTranslation();
  const title = steps.at(-1)?.label ?? '';
  useEffect(() => {
    document.title = `${title} · ${t('product')}`;
  }, [title, t]);
  return (
    <div>
      <nav aria-label={t('breadcrumb')}>
        <ol className="plain-list breadcrumb">
          {steps.slice(0, -1).map(({ label, href }) => (
            <li key={label}>{href === undefined ? label : <Link href={href}>{label}</Link>}</li>
          ))}
        </ol>
      </nav>
      <Group justify="space-between" align="center" gap="sm">
        <Title order={1} size="h2">
          {title}
        </Title>
        {children}
      </Group>
    </div>
  );
}
