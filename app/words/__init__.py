"""Every word people read: Chinese in the code, English beside it in `en/*.po`; closed lists in `terms.py`."""
