"""The one style sheet of the program; colours come from the theme by name."""

from string import Template

STYLE = Template("""
QMainWindow, QDialog { background: $bg_window; }
QDialog { background: $bg_surface; border: 1px solid $border_strong; }
Overlay { border-radius: 6px; }
Overlay QFrame[surface="footer"] { border-bottom-left-radius: 5px; border-bottom-right-radius: 5px; }
QToolTip { background: $bg_surface; color: $text_primary; border: 1px solid $border_strong; padding: 4px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: 20px; font-weight: 600; }
QLabel[role="section"] { font-size: 16px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="muted"] { color: $text_secondary; }
QLabel[role="small"] { color: $text_muted; font-size: 12px; }
QLabel[role="caption"] { color: $text_secondary; font-size: 12px; font-weight: 500; }
QLabel[role="mono"], QPlainTextEdit[role="mono"] { font-family: "$mono"; font-size: 12px; }
QLabel[role="error"] { color: $status_critical; font-size: 12px; }

QFrame[surface="panel"] { background: $bg_surface; border: 1px solid $border_subtle; border-radius: 6px; }
QFrame[surface="bar"] { background: $bg_surface; border: none; border-bottom: 1px solid $border_subtle; }
QFrame[surface="status"] { background: $bg_surface; border: none; border-top: 1px solid $border_subtle; }
QFrame[surface="side"] { background: $bg_window; border: none; border-right: 1px solid $border_subtle; }
QFrame[surface="footer"] { background: $bg_subtle; border: none; border-top: 1px solid $border_subtle; }
QFrame[surface="rule"] { background: $border_subtle; border: none; }
QFrame[surface="card"] { background: $bg_subtle; border: 1px solid $border_subtle; border-radius: 6px; }
QFrame[surface="chosen"] { background: $bg_selected; border: 1px solid $accent_text; border-radius: 6px; }
QFrame[surface="question"] { background: $bg_subtle; border: 1px solid $border_strong; border-radius: 6px; }
QFrame[surface="toast"] { background: $bg_surface; border: 1px solid $border_strong; border-radius: 6px; }
QFrame[surface="field"] { background: $bg_surface; border: 1px solid $border_control; border-radius: 6px; }
QLabel[surface="pill"] { background: $bg_surface; border: 1px solid $border_strong; border-radius: 4px;
  padding: 0 4px; color: $text_primary; font-weight: 600; }

QPushButton { min-height: 26px; padding: 0 11px; border: 1px solid $border_control; border-radius: 6px;
  background: $bg_surface; color: $text_primary; font-weight: 500; }
QPushButton:hover { background: $bg_hover; }
QPushButton:pressed { background: $bg_pressed; border-color: $text_secondary; }
QPushButton[kind="primary"] { background: $accent_fill; border-color: $accent_fill; color: $text_on_accent; }
QPushButton[kind="primary"]:hover { background: $accent_fill_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_fill_pressed; border-color: $accent_fill_pressed; }
QPushButton[kind="quiet"] { border-color: transparent; background: transparent; color: $accent_text; }
QPushButton[kind="quiet"]:hover { background: $bg_hover; }
QPushButton[kind="quiet"]:pressed { background: $bg_pressed; border-color: transparent; }
QPushButton[kind="danger"] { color: $status_critical; border-color: $status_critical; }
QPushButton[kind="chip"] { min-height: 22px; padding: 0 9px; border-color: $border_strong; font-size: 12px; }
QPushButton[kind="chip"]:checked { background: $bg_selected; border-color: $accent_text; color: $accent_text; }
QPushButton[kind="chip"]:pressed { background: $bg_pressed; border-color: $text_secondary; }
QPushButton[kind="chip-menu"] { min-height: 22px; padding: 0 7px; background: $bg_selected;
  border-color: $accent_text; color: $accent_text; font-size: 12px; }
QPushButton[kind="switcher"] { text-align: left; font-weight: 600; padding: 0 24px 0 11px; }
QPushButton[kind="search"] { text-align: left; color: $text_muted; font-weight: 400; }
QPushButton[kind="icon"] { padding: 0 5px; }
QPushButton[kind="icon"][flat="true"] { border-color: transparent; background: transparent; }
QPushButton[kind="icon"][flat="true"]:hover { background: $bg_hover; }
QPushButton[kind="icon"][flat="true"]:pressed { background: $bg_pressed; }
QPushButton[kind="icon"][compact="true"] { min-height: 18px; padding: 0 1px; }
QPushButton[kind="cover"] { border-color: transparent; background: transparent; }
QPushButton[kind="cover"]:pressed { border-color: transparent; background: $bg_pressed; }
QPushButton:disabled, QPushButton[kind]:disabled { color: $text_disabled; border-color: $border_disabled;
  background: $bg_hover; }
QPushButton[kind="quiet"]:disabled, QPushButton[kind="icon"][flat="true"]:disabled,
QPushButton[kind="cover"]:disabled { border-color: transparent; background: transparent; }
QPushButton::menu-indicator { image: none; width: 0; }

QLineEdit, QComboBox, QDateTimeEdit, QPlainTextEdit { background: $bg_surface; color: $text_primary;
  border: 1px solid $border_control; border-radius: 6px; selection-background-color: $accent_fill;
  selection-color: $text_on_accent; }
QLineEdit, QComboBox, QDateTimeEdit { min-height: 26px; padding: 0 8px; placeholder-text-color: $text_muted; }
QLineEdit[kind="search"] { padding-left: 2px; }
QDateTimeEdit QLineEdit { background: transparent; border: none; min-height: 0; padding: 0; }
QDateTimeEdit::up-button, QDateTimeEdit::down-button { subcontrol-origin: border; width: 0; border: none; }
QLineEdit[wrong="true"], QComboBox[wrong="true"], QDateTimeEdit[wrong="true"] { border-color: $status_critical; }
QLineEdit:disabled, QComboBox:disabled, QDateTimeEdit:disabled, QPlainTextEdit:disabled { color: $text_disabled;
  border-color: $border_disabled; background: $bg_hover; }
QDateTimeEdit QLineEdit:disabled { border: none; background: transparent; }
QPlainTextEdit:focus { border-color: $focus_ring; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url(theme:${marks}chevron-down.svg); width: 14px; height: 14px; }
QComboBox::down-arrow:disabled { image: url(theme:${marks}chevron-down-disabled.svg); }
QComboBox QAbstractItemView { background: $bg_surface; border: 1px solid $border_strong; }
QPlainTextEdit { padding: 8px; border-color: $border_subtle; }
QPlainTextEdit[surface="log"] { border: none; border-radius: 0; background: transparent; }

QTableView { background: $bg_surface; border: none; selection-background-color: $bg_selected; outline: none; }
QHeaderView { background: $bg_subtle; }
QHeaderView::section { background: $bg_subtle; color: $text_secondary; border: none;
  border-bottom: 1px solid $border_subtle; padding: 0 12px; font-size: 12px; font-weight: 500; }

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $text_secondary; padding: 7px 2px; margin: 0 8px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text_primary; font-weight: 600; border-bottom-color: $accent_text; }
QTabBar::tab:focus { color: $accent_text; }
QListView { background: $bg_surface; border: none; outline: none; }
QListWidget { background: $bg_surface; border: 1px solid $border_subtle; border-radius: 6px; outline: none; }
QListWidget::item { padding-left: 9px; color: $text_primary; border-left: 3px solid transparent; }
QListWidget::item:disabled { color: $text_muted; }
QListWidget::item:selected { background: $bg_selected; color: $text_primary; border-left-color: $accent_text; }
QMenu { background: $bg_surface; border: 1px solid $border_strong; border-radius: 6px; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $bg_selected; }
QMenu::separator { height: 1px; background: $border_subtle; margin: 4px 8px; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $border_strong; border-radius: 4px; min-height: 32px; margin: 1px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $border_strong; border-radius: 4px; min-width: 32px; margin: 1px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { height: 0; width: 0;
  background: transparent; border: none; }
QSplitter::handle { background: transparent; width: 12px; }
QRadioButton, QCheckBox { spacing: 8px; }
QRadioButton::indicator, QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $border_control;
  background: $bg_surface; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent_fill; border-color: $accent_fill;
  image: url(theme:${marks}check.svg); }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent_fill; }
QRadioButton::indicator:unchecked:pressed, QCheckBox::indicator:unchecked:pressed { background: $bg_pressed; }
QRadioButton::indicator:hover, QCheckBox::indicator:hover { border-color: $accent_fill; }
QRadioButton:disabled, QCheckBox:disabled { color: $text_disabled; }
QRadioButton::indicator:disabled, QCheckBox::indicator:disabled { border-color: $border_disabled;
  background: $bg_hover; }
QCheckBox::indicator:checked:disabled { background: $text_disabled; border-color: $text_disabled; }
QRadioButton::indicator:checked:disabled { border: 5px solid $text_disabled; background: $bg_surface; }
""")
