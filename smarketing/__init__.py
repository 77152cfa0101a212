"""A workbench for the agreement between sales and marketing.

Rooms, from the ground up: :mod:`smarketing.agreement` and :mod:`smarketing.warehouse`, then
:mod:`smarketing.scoring`, :mod:`smarketing.evaluation`, :mod:`smarketing.planning`;
:mod:`smarketing.funnel` stands on the ground alone; :mod:`smarketing.reporting` stands on all.
"""

__version__ = "0.1.0"
