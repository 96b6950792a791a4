import { Code } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** What support asks for, folded away: names and values. Values that are null are left out. */
export function SupportDetails({ rows }: { rows: readonly (readonly [string, string | null])[] }) {
  const { t } = useTranslation();
  return (
    <details className="support-details">
      <summary>{t('supportDetails')}</summary>
      <dl>
        {rows.map(([name, value]) =>
          value === null || value === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Code>{value}</Code>
              </dd>
            </div>
          ),
        )}
      </dl>
    </details>
  );
}
